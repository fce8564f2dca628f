"""Patches of pulumi_policy in the process that serves the pack: six, of eight attributes that aren't public.

Each function is one patch, and says why it is needed and what would let it go. All were seen with `SEEN_WITH`, the
version in `requirements.txt`. Where another SDK lacks an attribute, its patch changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

from google.protobuf import json_format
from pulumi_policy import deserialize, policy, proxy

from controls.pack import configuration, dispatch, undecided_report
from controls.pack.requests import decoding, reading, run_settings

SEEN_WITH: Final = "1.21.0"

SERVICER: Final = "_PolicyAnalyzerServicer"  # the SDK's gRPC server, in its module `policy`
DECODING: Final = ("json_format", "deserialize_properties", "unknown_checking_proxy")  # names in that module
READING: Final = ("Analyze", "AnalyzeStack")  # methods of the server
REMEDIATE: Final = "Remediate"  # more of them
CONFIGURE: Final = "Configure"
SETTINGS: Final = "_configure_runtime_settings"
LEVEL: Final = "_get_enforcement_level"  # which is used, and stays as it is
_METHODS: Final = (*READING, REMEDIATE, CONFIGURE, SETTINGS)
PATCHED: Final = (*DECODING, *(f"{SERVICER}.{method}" for method in _METHODS))


def install() -> None:
    """Patches the SDK in this process. To be called once, before the PolicyPack is made.

    The later a patch of a method, the further out it is: what is undecided is noted among the answers of the
    policies that were asked, and listed when the whole stack has been judged.
    """
    said: undecided_report.Said = []  # resources are judged on several threads; adding to a list is one step
    note_undecided(said)
    ask_by_type()
    if decode_properties_once():
        read_requests_once()
    list_undecided(said)
    make_settings_once()
    refuse_wrong_configuration()


def ask_by_type() -> None:
    """Asks only the policies of rules on a resource's type, and of a stack's types with one graph for all.

    Why: the SDK makes arguments for each policy, and each answers that it is on another type: three quarters of a
    pack's time with hundreds of rules. Goes when the SDK takes the types of a policy, and makes the resources of a
    stack before its loop over the policies.
    """
    servicer = _servicer()
    methods = (*READING, REMEDIATE, CONFIGURE, LEVEL)
    if not all(hasattr(servicer, name) for name in methods) or not _keeps_policies(servicer):
        return
    servicer.Analyze = dispatch.judging_by_type(servicer.Analyze)
    servicer.AnalyzeStack = dispatch.judging_stack_at_once(servicer.AnalyzeStack)
    servicer.Remediate = dispatch.mending_by_type(servicer.Remediate)
    servicer.Configure = dispatch.configuring(servicer.Configure)


def decode_properties_once() -> bool:
    """Decodes equal properties once for all policies. Returns whether the SDK has the names for it.

    Why: `Analyze` and `AnalyzeStack` decode, deserialize and wrap the properties of the request anew for each policy:
    with hundreds of rules most of a pack's time. Goes when the SDK does so before its loop over the policies, as its
    `Remediate` does already.
    """
    fits = all(hasattr(policy, name) for name in DECODING)
    if fits:
        ours = (
            SimpleNamespace(**{**vars(json_format), "MessageToDict": decoding.plain}),
            decoding.meaning(deserialize.deserialize_properties),
            decoding.guarding(proxy.unknown_checking_proxy),
        )
        for name, replacement in zip(DECODING, ours, strict=True):
            setattr(policy, name, replacement)
    return fits


def read_requests_once() -> None:
    """Reads each field of a request once for all policies; needs `decode_properties_once`.

    Why: `Analyze` and `AnalyzeStack` build the options, providers and dependencies of all resources anew for each
    policy from protobuf messages, whose fields are slow to read. Goes when the SDK builds them before its loop over
    the policies.
    """
    _wrap(READING, reading.reading_once)


def make_settings_once() -> None:
    """Reads the run's settings from the environment once.

    Why: the SDK parses the whole configuration and makes its settings anew for each request, twice for each resource,
    which takes longer than most resources' rules. Goes when it does so when the server starts.
    """
    servicer = _servicer()
    if configure := getattr(servicer, SETTINGS, None):
        _wrap((*READING, REMEDIATE), run_settings.configured_once(configure))
        setattr(servicer, SETTINGS, run_settings.configured_already)


def refuse_wrong_configuration() -> None:
    """Answers `Configure` with an error, which the CLI shows and stops at, for a configuration that can't be meant.

    Why: the CLI and the SDK accept names of rules that the pack doesn't have, and take the level `remediate` for
    rules without a remedy as mandatory. Goes when either of them refuses both.
    """
    _wrap((CONFIGURE,), configuration.refusing)


def note_undecided(said: undecided_report.Said) -> None:
    """Notes the rules that a preview left undecided, in `said`; `list_undecided` says why."""
    _wrap(READING, lambda judge: undecided_report.noting(judge, said))


def list_undecided(said: undecided_report.Said) -> None:
    """Prints the rules that a preview left undecided on stderr, once the stack has been judged.

    Why: the CLI shows nothing of policies that answer `not applicable`, but shows what a pack prints. Goes when the
    SDK lets a policy answer that it can't decide yet, and the CLI shows it.
    """
    _wrap(("AnalyzeStack",), lambda judge: undecided_report.listing(judge, said))


def _servicer() -> Any:
    return getattr(policy, SERVICER, None)


def _keeps_policies(servicer: Any) -> bool:
    """Returns whether the server keeps its policies where `dispatch` looks for them."""
    code = getattr(servicer.__init__, "__code__", None)
    return code is not None and dispatch.POLICIES in code.co_names


def _wrap(methods: tuple[str, ...], wrapped: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Wraps methods of the server, if it has them all."""
    servicer = _servicer()
    if all(hasattr(servicer, name) for name in methods):
        for name in methods:
            setattr(servicer, name, wrapped(getattr(servicer, name)))
