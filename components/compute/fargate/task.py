"""The task of a service on Fargate: its container, and what ECS may do to start it."""

from __future__ import annotations

import json

import pulumi

from components.compute.service_args import GRACE_SECONDS, SCRATCH, USER, ServiceArgs

# Fargate counts CPU in 1024ths. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
CPU_UNITS = 1024


def container_definitions(args: ServiceArgs, log_group: pulumi.Input[str]) -> pulumi.Output[str]:
    """One container, which has no way to write but to its scratch, and no privilege.

    ECS lets go of the target, waits until the load balancer has, and only then stops the container.
    """
    known = pulumi.Output.all(log_group=log_group, environment=dict(args.environment))
    return known.apply(lambda it: json.dumps([_container(args, it["log_group"], it["environment"])]))


def _container(args: ServiceArgs, log_group: str, environment: dict[str, str]) -> dict[str, object]:
    return {
        "name": args.service,
        "image": args.image,
        "essential": True,
        "user": f"{USER}:{USER}",
        "readonlyRootFilesystem": True,
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "portMappings": [{"containerPort": args.port, "protocol": "tcp"}],
        "environment": [{"name": name, "value": value} for name, value in sorted(environment.items())],
        "mountPoints": [{"sourceVolume": "scratch", "containerPath": SCRATCH, "readOnly": False}],
        "stopTimeout": GRACE_SECONDS,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": args.region,
                "awslogs-stream-prefix": args.service,
                # Rather a line lost than an order late, when CloudWatch doesn't keep up.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }


def execution_statements(args: ServiceArgs, log_group: str) -> list[dict[str, object]]:
    """To fetch the one image and write the one log; a token for the registry is of no repository.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    of_account = f"{args.region}:{args.account}"
    return [
        {"Sid": "Registry", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {
            "Sid": "Image",
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": f"arn:aws:ecr:{of_account}:repository/{args.repository}",
        },
        {
            "Sid": "Log",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:{of_account}:log-group:{log_group}:*",
        },
    ]
