"""Functions of the program that change registrations on their way to the engine."""

from tests.rehearsal.lab import Lab, errors, nothing_changes

TAG = """
def tag(label):
    def f(args):
        if args.type_ == "aws:ec2/vpc:Vpc":
            tags = {**(args.props.get("tags") or {})}
            tags["by"] = tags.get("by", "") + label
            return pulumi.ResourceTransformResult({**args.props, "tags": tags}, args.opts)
    return f
class C(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("lab:index:C", name, None, opts)
        own = O(parent=self, transforms=[tag("own ")])
        vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=own)
        aws.ec2.Subnet(f"{name}-subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=O(parent=self))
        self.register_outputs({})
"""


def test_transforms_run_from_the_resource_outwards(lab: Lab) -> None:
    lab.program(
        TAG + 'pulumi.runtime.register_resource_transform(tag("stack"))\n'
        'C("c", O(providers=[p], transforms=[tag("component ")]))'
    )
    result = lab.up()
    assert not result.failed, errors(result)
    (vpc,) = [r for r in result.resources if r.name == "c-vpc"]
    assert vpc.inputs["tags"] == {"by": "own component stack"}
    nothing_changes(lab)


def test_a_transform_of_the_stack_loses_no_dependencies(lab: Lab) -> None:
    lab.program(
        TAG
        + """
def touch(args):
    if args.type_ == "aws:ec2/subnet:Subnet":
        return pulumi.ResourceTransformResult({**args.props, "tags": {"a": "b"}}, args.opts)
pulumi.runtime.register_resource_transform(touch)
C("c", O(providers=[p]))
"""
    )
    for result in (lab.preview(), lab.up()):
        (subnet,) = [r for r in result.resources if r.name == "c-subnet"]
        (vpc,) = [r for r in result.resources if r.name == "c-vpc"]
        assert subnet.property_dependencies["vpcId"] == [vpc.urn]
        assert vpc.urn in subnet.dependencies


def test_a_transform_may_change_options(lab: Lab) -> None:
    lab.program(
        """
def keep(args):
    if args.custom:
        opts = O.merge(args.opts, O(protect=True, ignore_changes=["tags"]))
        return pulumi.ResourceTransformResult(args.props, opts)
pulumi.runtime.register_resource_transform(keep)
aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)
"""
    )
    (vpc,) = [r for r in lab.up().resources if r.name == "vpc"]
    assert (vpc.protect, vpc.ignore_changes) == (True, ["tags"])


def test_a_transform_that_raises_is_told_with_its_resource(lab: Lab) -> None:
    lab.program(
        """
def no(args):
    raise ValueError("not this one")
pulumi.runtime.register_resource_transform(no)
aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)
"""
    )
    result = lab.up()
    assert result.failed
    assert "not this one" in errors(result)[0]


def test_children_inherit_protection_from_their_component(lab: Lab) -> None:
    lab.program(TAG + 'C("c", O(providers=[p], protect=True))')
    result = lab.up()
    assert {r.name for r in result.resources if r.protect} == {"c", "c-vpc", "c-subnet"}
