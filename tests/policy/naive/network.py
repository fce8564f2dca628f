"""The network, who may enter it, and the machines in it."""

import base64

import pulumi_aws as aws

vpc = aws.ec2.Vpc("vpc", cidr_block="10.20.0.0/16", enable_dns_hostnames=True)
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)

public_routes = aws.ec2.RouteTable("public-routes", vpc_id=vpc.id)
internet = aws.ec2.Route(
    "internet", route_table_id=public_routes.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id
)


def subnet(name: str, zone: str, cidr: str, routes: aws.ec2.RouteTable) -> aws.ec2.Subnet:
    """A subnet whose traffic goes by these routes."""
    made = aws.ec2.Subnet(name, vpc_id=vpc.id, availability_zone=f"eu-west-1{zone}", cidr_block=cidr)
    aws.ec2.RouteTableAssociation(name, subnet_id=made.id, route_table_id=routes.id)
    return made


# What the internet reaches: the load balancer, the way out, and a machine for a quick look.
public_a = subnet("public-a", "a", "10.20.0.0/24", public_routes)
public_b = subnet("public-b", "b", "10.20.1.0/24", public_routes)
address = aws.ec2.Eip("address", domain="vpc")
nat = aws.ec2.NatGateway("nat", subnet_id=public_a.id, allocation_id=address.id)
play = aws.ec2.Subnet(
    "play",
    vpc_id=vpc.id,
    availability_zone="eu-west-1a",
    cidr_block="10.20.2.0/24",
    map_public_ip_on_launch=True,
)

# What only the shop reaches.
private_routes = aws.ec2.RouteTable(
    "private-routes",
    vpc_id=vpc.id,
    routes=[aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", nat_gateway_id=nat.id)],
)
private_a = subnet("private-a", "a", "10.20.10.0/24", private_routes)
private_b = subnet("private-b", "b", "10.20.11.0/24", private_routes)

# "The database couldn't be reached from home, so I gave it the public routes."
data_a = subnet("data-a", "a", "10.20.20.0/24", public_routes)
data_b = subnet("data-b", "b", "10.20.21.0/24", public_routes)

everything_out = aws.ec2.SecurityGroupEgressArgs(
    protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"]
)


def opened(name: str, port: int, *ranges: str) -> aws.ec2.SecurityGroup:
    """A security group that lets these ranges in at a port."""
    return aws.ec2.SecurityGroup(
        name,
        vpc_id=vpc.id,
        description=f"Lets in on {port}",
        ingress=[
            aws.ec2.SecurityGroupIngressArgs(
                protocol="tcp", from_port=port, to_port=port, cidr_blocks=list(ranges)
            )
        ],
        egress=[everything_out],
    )


website = opened("website", 443, "0.0.0.0/0")
inside = opened("inside", 8443, "10.20.0.0/16")
ssh = opened("ssh", 22, "0.0.0.0/0")
database = opened("database", 5432, "0.0.0.0/0")
warehouse = opened("warehouse", 5439, "8.0.0.0/8")
test_server = opened("test-server", 8080, "0.0.0.0/0")
debugging = aws.ec2.SecurityGroup(
    "debugging",
    vpc_id=vpc.id,
    description="To find out why nothing works",
    ingress=[
        aws.ec2.SecurityGroupIngressArgs(protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"])
    ],
)
remote_desktop = aws.vpc.SecurityGroupIngressRule(
    "remote-desktop",
    security_group_id=inside.id,
    ip_protocol="tcp",
    from_port=3389,
    to_port=3389,
    cidr_ipv6="::/0",
)
from_office = aws.vpc.SecurityGroupIngressRule(
    "from-office",
    security_group_id=inside.id,
    ip_protocol="tcp",
    from_port=22,
    to_port=22,
    cidr_ipv4="10.99.0.0/16",
)

walls = aws.ec2.NetworkAcl(
    "walls",
    vpc_id=vpc.id,
    subnet_ids=[play.id],
    ingress=[
        aws.ec2.NetworkAclIngressArgs(
            protocol="-1", rule_no=100, action="allow", cidr_block="0.0.0.0/0", from_port=0, to_port=0
        )
    ],
)

# ---- machines ---------------------------------------------------------------------------------------

office = aws.ec2.Instance(
    "office",
    ami="ami-0123456789abcdef0",
    instance_type="t3.small",
    subnet_id=play.id,
    vpc_security_group_ids=[ssh.id],
    associate_public_ip_address=True,
    user_data="#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
    root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(volume_size=50),
)
batch = aws.ec2.Instance(
    "batch",
    ami="ami-0123456789abcdef0",
    instance_type="t3.small",
    subnet_id=private_a.id,
    vpc_security_group_ids=[inside.id],
    metadata_options=aws.ec2.InstanceMetadataOptionsArgs(http_tokens="required"),
    root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(volume_size=50, encrypted=True),
)
disk = aws.ebs.Volume("disk", availability_zone="eu-west-1a", size=100)

workers = aws.ec2.LaunchTemplate(
    "workers",
    image_id="ami-0123456789abcdef0",
    instance_type="t3.small",
    metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
        http_tokens="optional", http_put_response_hop_limit=2
    ),
    network_interfaces=[aws.ec2.LaunchTemplateNetworkInterfaceArgs(associate_public_ip_address="true")],
    block_device_mappings=[
        aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
            device_name="/dev/xvda",
            ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(volume_size=20, encrypted="false"),
        )
    ],
    user_data=base64.b64encode(b"#!/bin/sh\ngit clone https://bot:hunter2@git.shop.example/shop\n").decode(),
)
pool = aws.autoscaling.Group(
    "pool",
    min_size=1,
    max_size=3,
    vpc_zone_identifiers=[private_a.id],
    launch_template=aws.autoscaling.GroupLaunchTemplateArgs(id=workers.id, version="$Latest"),
)
