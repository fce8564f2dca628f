"""Resource hooks: before and after steps, in previews on request, and steps that are tried again."""

from __future__ import annotations

from rehearsal.engine.events import Diagnostic
from tests.rehearsal.lab import Lab, errors, ops

HOOKS = """
from pulumi import ResourceHook, ResourceHookBinding, ResourceHookOptions
def said(when):
    return lambda args: pulumi.log.warn(f"{when} {args.name}")
def failing(args):
    raise Exception("no")
"""
VPC = (
    'aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"n": "1"}, '
    "opts=O(provider=p, hooks=ResourceHookBinding(WHEN)))\n"
)
ALL = "".join(f'h_{when} = ResourceHook("{when}", said("{when}"))\n' for when in ("before", "after"))


def program(binding: str, *, tags: str = "1", hooks: str = ALL) -> str:
    return HOOKS + hooks + VPC.replace("WHEN", binding).replace('"n": "1"', f'"n": "{tags}"')


def warnings(lab_result: object) -> list[str]:
    events = getattr(lab_result, "events", [])
    return [it.message for it in events if isinstance(it, Diagnostic) and it.severity == "warning"]


def test_hooks_run_before_and_after_a_step_and_not_in_a_preview(lab: Lab) -> None:
    lab.program(program("before_create=[h_before], after_create=[h_after]"))
    assert warnings(lab.preview()) == []
    assert warnings(lab.up()) == ["before vpc", "after vpc"]


def test_a_hook_for_previews_runs_in_them(lab: Lab) -> None:
    hook = 'h = ResourceHook("h", said("asked"), ResourceHookOptions(on_dry_run=True))\n'
    lab.program(program("before_create=[h]", hooks=hook))
    assert warnings(lab.preview()) == ["asked vpc"]


def test_a_hook_that_fails_before_a_step_keeps_it_from_being_taken(lab: Lab) -> None:
    lab.program(program("before_create=[h]", hooks='h = ResourceHook("h", failing)\n'))
    result = lab.up()
    assert result.failed
    assert "before hook" in errors(result)[0]
    assert not any("vpc" in thing for thing in lab.living())


def test_a_hook_that_fails_after_a_step_fails_the_update_with_the_step_done(lab: Lab) -> None:
    lab.program(program("after_create=[h]", hooks='h = ResourceHook("h", failing)\n'))
    result = lab.up()
    assert result.failed
    assert "Vpc vpc" in lab.living()
    assert "vpc" in {resource.name for resource in lab.engine().records("dev")}


def test_an_error_hook_has_a_step_tried_again(lab: Lab) -> None:
    lab.program(
        HOOKS
        + """
from pulumi import ErrorHook
def again(args):
    return len(args.errors) < 3
h = ErrorHook("again", again)
aws.ec2.Subnet("subnet", vpc_id="vpc-0123456789abcdef0", cidr_block="10.0.0.0/24",
    opts=O(provider=p, hooks=ResourceHookBinding(on_error=[h])))
"""
    )
    result = lab.up()
    assert result.failed
    assert [it for it in warnings(result) if "retrying" in it] == [
        "retrying create due to on-error hook request (1/100)",
        "retrying create due to on-error hook request (2/100)",
    ]
    assert ops(result) == ["create lab-dev", "create p"]
