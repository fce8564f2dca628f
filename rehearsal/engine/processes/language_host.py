"""Language host: runs the program, and the policy pack, in processes of their own as the CLI does."""

from __future__ import annotations

import asyncio
import logging
import runpy
import sys
import traceback
from pathlib import Path

import pulumi
import pulumi.runtime
from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2

from rehearsal.engine.processes import stalled_loop

_PARALLEL = 16  # as many as the CLI runs on a machine of four cores


def run(project: str, stack: str, organization: str, address: str, preview: bool) -> dict[str, str]:
    """Runs the program in the working directory to its end. Returns its error, or '' for none.

    What a failed registration raises in those that depend on it is not the program's error: the engine has
    reported it already, and answers no more.
    """
    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    )
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=address,
            engine=address,
            project=project,
            stack=stack,
            organization=organization,
            parallel=_PARALLEL,
            dry_run=preview,
            root_directory=str(Path.cwd()),
        )
    )
    # Each debug message would be a call to the engine, several for a resource, and the engine shows none of them.
    pulumi.log.debug = lambda *_, **__: None
    # Nor does it show where in the program a resource is made, which takes the SDK a sixth of a run to find out.
    resource._get_stack_trace = source_pb2.StackTrace
    # As under the CLI: tasks that a failure leaves unfinished are no news.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = stalled_loop.new_loop(stalled_loop.CountingExecutor(_PARALLEL * 4))
    asyncio.set_event_loop(loop)
    sys.argv = ["__main__.py"]
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(_main))
    except pulumi.RunError as error:
        return {"error": str(error)}
    except stalled_loop.StalledError:
        return {"error": _circle(stalled_loop.waiting_resources(loop))}
    except SystemExit as exit_:  # the SDK's answer to a monitor that has ended
        return {"error": "" if not exit_.code else f"the program ended with exit status {exit_.code}"}
    except Exception as error:  # whatever a program raises, its user must see it
        return {"error": "Program failed with an unhandled exception:\n" + _program_traceback(error)}
    return {"error": ""}


def run_pack() -> None:
    """Serves the pack in the working directory, as `python -m pulumi.policy ADDRESS .` does for the CLI.

    The address would be the engine's; no pack ever dials it.
    """
    sys.argv = ["pulumi.policy", "127.0.0.1:0", "."]
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)


async def _main() -> None:
    runpy.run_path("__main__.py", run_name="__main__")
    # Every registration begins now, before the SDK waits for them one by one. Those that haven't begun it doesn't
    # know, and then it waits for all outputs at once, anew after each one: a quarter of the time of a cell's program.
    await asyncio.sleep(0)


def _circle(resources: list[str]) -> str:
    """Error of a program that waits for itself."""
    names = "".join(f"\n  {resource}" for resource in resources)
    return (
        f"the program waits for itself: each of these resources needs another of them, so that none can be "
        f"registered; take one of them out of the inputs, the parent or the `depends_on` of another:{names}"
    )


def _program_traceback(error: Exception) -> str:
    """Traceback from the program's own first line on, without the frames of this module."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((i for i, frame in enumerate(frames) if Path(frame.filename).name == "__main__.py"), 0)
    lines = traceback.format_exception(type(error), error, error.__traceback__, limit=own - len(frames))
    return "".join(lines).rstrip()
