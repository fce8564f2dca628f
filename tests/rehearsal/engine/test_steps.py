"""Steps of the embedded engine for a program that is added, changed and removed."""

from dataclasses import replace

import pytest

from rehearsal.engine import urns
from rehearsal.values import UNKNOWN
from tests.rehearsal.lab import HEAD, Lab, errors, nothing_changes, ops

VPC = 'vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\n'
SUBNET = 'aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=o)\n'


def test_the_first_up_creates_and_the_second_changes_nothing(lab: Lab) -> None:
    lab.program(VPC + SUBNET)
    assert sorted(ops(lab.up())) == ["create lab-dev", "create p", "create subnet", "create vpc"]
    before = lab.lines()
    nothing_changes(lab)
    assert sorted(lab.lines()) == sorted(before)


def test_a_preview_knows_no_ids_and_leaves_nothing(lab: Lab) -> None:
    lab.program(VPC + SUBNET + 'pulumi.export("vpc", vpc.id); pulumi.export("cidr", vpc.cidr_block)')
    result = lab.preview()
    assert sorted(ops(result)) == ["create lab-dev", "create p", "create subnet", "create vpc"]
    assert result.outputs == {"cidr": "10.0.0.0/16", "vpc": UNKNOWN}
    assert lab.living() == set()
    assert not lab.engine().store.state("dev")


def test_what_can_change_in_place_is_updated(lab: Lab) -> None:
    lab.program(VPC)
    lab.up()
    lab.program(VPC.replace("opts", 'tags={"a": "b"}, opts'))
    result = lab.up()
    (step,) = [step for step in result.steps if step.op != "same"]
    assert (step.op, step.changed, step.replaces) == ("update", ("tags", "tagsAll"), ())


def test_a_replacement_is_created_first_and_the_old_one_deleted_last(lab: Lab) -> None:
    lab.program(VPC + SUBNET)
    lab.up()
    lab.program(VPC.replace("10.0.0.0/16", "10.0.0.0/17") + SUBNET)
    assert ops(lab.up()) == [
        "create-replacement vpc",
        "replace vpc",
        "create-replacement subnet",
        "replace subnet",
        "delete-replaced subnet",
        "delete-replaced vpc",
    ]
    assert lab.living() == {"Vpc vpc", "Subnet subnet"}


def test_what_is_replaced_under_a_new_name_is_deleted_after_what_was_in_it(lab: Lab) -> None:
    lab.program(VPC + SUBNET)
    lab.up()
    renamed = VPC.replace('"vpc"', '"net"').replace(
        "opts=o", 'opts=O(provider=p, aliases=[pulumi.Alias(name="vpc")])'
    )
    lab.program(renamed.replace("10.0.0.0/16", "10.0.0.0/17"))
    result = lab.up()
    assert not result.failed, errors(result)
    assert ops(result)[2:] == ["delete subnet", "delete-replaced vpc"]
    assert lab.living() == {"Vpc net"}


def test_what_a_renamed_and_replaced_provider_leaves_behind_is_still_reached_through_it(lab: Lab) -> None:
    head = HEAD + "import pulumi_kubernetes as k8s\n"
    lab.program(
        'k = k8s.Provider("k", kubeconfig="one")\n'
        'k8s.core.v1.ConfigMap("m", metadata={"name": "m"}, data={"a": "b"}, opts=O(provider=k))',
        head,
    )
    assert not lab.up().failed
    lab.program(
        'k = k8s.Provider("l", kubeconfig="other", opts=O(aliases=[pulumi.Alias(name="k")]))\n'
        "k.id.apply(lambda id: exec('raise ValueError(1)'))",
        head,
    )
    result = lab.up()
    assert result.failed
    assert ops(result) == ["create-replacement l", "replace l"]
    gone = lab.destroy()
    assert not gone.failed, errors(gone)
    assert lab.living() == set()


def test_a_preview_of_a_replacement_says_the_same_as_the_update(lab: Lab) -> None:
    lab.program(VPC + SUBNET)
    lab.up()
    lab.program(VPC.replace("10.0.0.0/16", "10.0.0.0/17") + SUBNET)
    said = lab.preview()
    done = lab.up()
    assert [(s.op, s.urn, s.replaces) for s in said.steps] == [(s.op, s.urn, s.replaces) for s in done.steps]


def test_delete_before_replace_takes_along_what_would_be_replaced_with_it(lab: Lab) -> None:
    first = VPC.replace("opts=o", "opts=O(provider=p, delete_before_replace=True)")
    lab.program(first + SUBNET)
    lab.up()
    lab.program(first.replace("10.0.0.0/16", "10.0.0.0/17") + SUBNET)
    assert ops(lab.up()) == [
        "delete-replaced subnet",
        "delete-replaced vpc",
        "replace vpc",
        "create-replacement vpc",
        "replace subnet",
        "create-replacement subnet",
    ]
    nothing_changes(lab)


def test_what_the_program_drops_is_deleted_in_reverse_order_of_need(lab: Lab) -> None:
    lab.program(VPC + SUBNET)
    lab.up()
    lab.program("")
    assert ops(lab.up()) == ["delete subnet", "delete vpc"]
    assert lab.living() == set()


def test_what_is_protected_is_neither_deleted_nor_replaced(lab: Lab) -> None:
    kept = VPC.replace("opts=o", "opts=O(provider=p, protect=True)")
    lab.program(kept)
    lab.up()
    before = lab.lines()
    lab.program("")
    assert "cannot be deleted\nbecause it is protected" in errors(lab.preview())[0]
    assert "cannot be deleted\nbecause it is protected" in errors(lab.up())[0]
    lab.program(kept.replace("10.0.0.0/16", "10.0.0.0/17"))
    assert "unable to replace resource" in errors(lab.up())[0]
    assert "cannot be deleted\nbecause it is protected" in errors(lab.destroy())[0]
    assert lab.living() == {"Vpc vpc"}
    assert lab.lines() == before


def test_a_destroy_with_anything_protected_deletes_nothing_at_all(lab: Lab) -> None:
    lab.program(VPC.replace("opts=o", "opts=O(provider=p, protect=True)") + SUBNET)
    lab.up()
    assert ops(lab.destroy()) == []
    assert lab.living() == {"Vpc vpc", "Subnet subnet"}


def test_a_destroy_leaves_nothing(lab: Lab) -> None:
    lab.program(VPC + SUBNET)
    lab.up()
    result = lab.destroy()
    assert ops(result)[:2] == ["delete subnet", "delete vpc"]
    assert lab.living() == set()
    assert not lab.engine().store.state("dev")


def test_retain_on_delete_leaves_the_thing_to_the_cloud_and_forgets_it(lab: Lab) -> None:
    lab.program(VPC.replace("opts=o", "opts=O(provider=p, retain_on_delete=True)"))
    lab.up()
    lab.program("")
    assert ops(lab.up()) == ["delete vpc"]
    assert lab.living() == set()
    assert [urns.name_of(thing.urn) for thing in lab.engine().cloud.retained()] == ["vpc"]


def test_what_is_retained_still_has_its_name(lab: Lab) -> None:
    bucket = 'aws.s3.Bucket("bucket", bucket="of-records", opts=O(provider=p, retain_on_delete=True))'
    lab.program(bucket)
    lab.up()
    lab.program("")
    lab.up()
    lab.program(bucket)
    assert "BucketAlreadyExists" in errors(lab.up())[0]


def test_deleted_with_asks_nothing_of_the_cloud(lab: Lab) -> None:
    lab.program(
        VPC + SUBNET.replace("opts=o", "opts=O(provider=p, deleted_with=vpc, retain_on_delete=False)")
    )
    lab.up()
    lab.program("")
    result = lab.up()
    # The pretend cloud deletes nothing by itself, so the subnet that nobody deleted still holds the VPC.
    assert "DependencyViolation" in errors(result)[0]


def test_ignored_inputs_stay_as_they_were(lab: Lab) -> None:
    ignoring = VPC.replace("opts=o", 'opts=O(provider=p, ignore_changes=["cidrBlock", "tags.a"])')
    lab.program(ignoring.replace("opts=", 'tags={"a": "1", "b": "1"}, opts='))
    lab.up()
    lab.program(ignoring.replace("10.0", "10.9").replace("opts=", 'tags={"a": "2", "b": "2"}, opts='))
    result = lab.up()
    assert [step.op for step in result.steps if step.urn.endswith("::vpc")] == ["update"]
    (vpc,) = [r for r in result.resources if r.name == "vpc"]
    assert (vpc.inputs["cidrBlock"], vpc.inputs["tags"]) == ("10.0.0.0/16", {"a": "1", "b": "2"})


COMPONENT = """
class C(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("lab:index:C", name, None, opts)
        self.vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=O(parent=self))
        self.register_outputs({})
"""


def test_a_component_renamed_with_an_alias_takes_its_children_along(lab: Lab) -> None:
    lab.program(COMPONENT + 'C("old", O(providers=[p]))')
    lab.up()
    lab.program(COMPONENT + 'C("new", O(providers=[p], aliases=[pulumi.Alias(name="old")]))')
    assert ops(lab.preview()) == []
    nothing_changes(lab)
    assert {r.name for r in lab.engine().recorded("dev").resources} == {"lab-dev", "p", "new", "new-vpc"}
    lab.program(COMPONENT + 'C("new", O(providers=[p]))')
    nothing_changes(lab)


def test_two_resources_of_one_urn_are_refused(lab: Lab) -> None:
    lab.program(VPC + VPC)
    assert errors(lab.up()) == [
        "Duplicate resource URN 'urn:pulumi:dev::lab::aws:ec2/vpc:Vpc::vpc'; try giving it a unique name"
    ]


def test_the_first_failure_is_told_once_and_its_dependents_say_nothing(lab: Lab) -> None:
    lab.program(
        VPC.replace("cidr_block=", 'tenancy="x", cidr_block=').replace("aws.ec2.Vpc(", "vpc_(") + SUBNET,
        HEAD
        + """
def vpc_(name, opts, **inputs):
    class Vpc(pulumi.CustomResource):
        id: pulumi.Output[str]
    return Vpc("aws:ec2/vpc:Vpc", name, {"cidrBlock": inputs["cidr_block"], "instanceTenanzy": "x"}, opts)
""",
    )
    result = lab.up()
    assert result.failed
    (message,) = errors(result)
    assert "instanceTenanzy" in message
    assert "instanceTenancy" in message
    assert not any("Traceback" in repr(event) for event in result.events)


def test_an_exception_of_the_program_is_told_from_its_own_first_line_on(lab: Lab) -> None:
    lab.program(VPC + 'raise ValueError("no such thing")')
    (message,) = errors(lab.up())
    assert message.startswith("Program failed with an unhandled exception:")
    assert "ValueError: no such thing" in message
    assert "rehearsal" not in message


def test_a_run_error_is_told_without_a_traceback(lab: Lab) -> None:
    lab.program('raise pulumi.RunError("castle:zones: write three")')
    assert errors(lab.up()) == ["castle:zones: write three"]


@pytest.mark.parametrize("disabled", ['["aws"]', '["*"]'])
def test_a_default_provider_that_is_switched_off_is_refused(lab: Lab, disabled: str) -> None:
    lab.program('aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")', "import pulumi_aws as aws\n")
    assert errors(lab.up(**{"pulumi:disable-default-providers": disabled})) == [
        "Default provider for 'aws' disabled. 'aws:ec2/vpc:Vpc' must use an explicit provider."
    ]


def test_a_default_provider_is_registered_with_the_config_of_its_package(lab: Lab) -> None:
    lab.program('aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")', "import pulumi_aws as aws\n")
    result = lab.up(**{"aws:region": "eu-west-1"})
    (provider,) = [r for r in result.resources if r.is_provider]
    assert (provider.name, provider.inputs) == (
        "default_7_51_1",
        {"region": "eu-west-1", "version": "7.51.1"},
    )


def test_an_invoke_that_the_cloud_does_not_answer_is_refused(lab: Lab) -> None:
    lab.program('aws.ec2.get_spot_price(instance_type="m5.large", opts=pulumi.InvokeOptions(provider=p))')
    (message,) = errors(lab.up())
    assert "aws:ec2/getSpotPrice:getSpotPrice" in message


def test_a_reference_to_a_stack_that_was_never_deployed_is_refused_in_the_clis_words(lab: Lab) -> None:
    lab.program('pulumi.StackReference("organization/lab/other").require_output("x")')
    assert errors(lab.preview()) == ['unknown stack "organization/lab/other"']


def test_a_stack_reads_the_outputs_of_another(lab: Lab) -> None:
    lab.program('pulumi.export("a", "1")')
    lab.up("other")
    lab.program(
        'r = pulumi.StackReference("organization/lab/other")\npulumi.export("a", r.require_output("a"))'
    )
    assert lab.up().outputs == {"a": "1"}


def test_a_refresh_takes_over_what_was_changed_from_outside(lab: Lab) -> None:
    lab.program(VPC)
    lab.up()
    engine = lab.engine()
    (key,) = [key for key, thing in engine.store.resources.items() if thing.urn.endswith("::vpc")]
    thing = engine.store.resources[key]
    moved = replace(thing, outputs=thing.outputs | {"enableDnsSupport": False})
    with engine.store.change():
        engine.store.commit("outside", {}, {key: moved})
    assert [s.changed for s in lab.refresh().steps] == [("enableDnsSupport",)]


def test_a_thing_deleted_from_outside_is_created_again_after_a_refresh(lab: Lab) -> None:
    lab.program(VPC)
    lab.up()
    engine = lab.engine()
    (key,) = [key for key, thing in engine.store.resources.items() if thing.urn.endswith("::vpc")]
    with engine.store.change():
        engine.store.commit("outside", {}, {key: None})
    assert ops(lab.refresh()) == ["delete vpc"]
    assert ops(lab.up()) == ["create vpc"]


def test_what_a_refused_replacement_left_over_goes_after_what_needed_it_also_under_a_new_name(
    lab: Lab,
) -> None:
    group = 'aws.ec2.SecurityGroup("group", vpc_id=vpc.id, opts=PROTECTED)\n'
    held = group.replace("PROTECTED", "O(provider=p, protect=True)")
    lab.program(VPC + held)
    lab.up()
    lab.program(VPC.replace("0/16", "0/17") + held)
    assert lab.up().failed  # the new VPC is there, the old one waits, and the group is still in it
    renamed = VPC.replace("0/16", "0/17").replace('"vpc"', '"net"')
    lab.program(
        renamed.replace("opts=o", 'opts=O(provider=p, aliases=[pulumi.Alias(name="vpc")])')
        + group.replace("PROTECTED", "o")
    )
    result = lab.up()
    assert errors(result) == []
    assert lab.living() == {"Vpc vpc", "SecurityGroup group"}  # the cloud calls a thing what it was made as
    assert len(lab.engine().cloud.living()) == 2
