"""ECS task definition of a service on Fargate: its container, and the policy of its execution role."""

from __future__ import annotations

import json

import pulumi

from components.compute.service_args import ServiceArgs
from components.service_conventions import CONTAINER_USER, GRACE_SECONDS, SCRATCH_MIB, SCRATCH_PATH

# Fargate counts CPU in 1024ths. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
CPU_UNITS = 1024
LOG_BUFFER = "25m"  # bytes of log lines kept while CloudWatch doesn't keep up; more are lost


def container_definitions(args: ServiceArgs, log_group: pulumi.Input[str]) -> pulumi.Output[str]:
    """Container definitions of the task: one container, without privileges, which may write to its scratch only.

    ECS deregisters the target, waits until the load balancer has drained it, and only then stops the container.
    """
    resolved = pulumi.Output.all(log_group=log_group, environment=dict(args.environment))
    return resolved.apply(
        lambda values: json.dumps([_container(args, values["log_group"], values["environment"])])
    )


def _container(args: ServiceArgs, log_group: str, environment: dict[str, str]) -> dict[str, object]:
    return {
        "name": args.service,
        "image": args.image,
        "essential": True,
        "user": f"{CONTAINER_USER}:{CONTAINER_USER}",
        "readonlyRootFilesystem": True,
        "linuxParameters": {
            "initProcessEnabled": True,
            "capabilities": {"add": [], "drop": ["ALL"]},  # as AWS gives it back
            # Everybody's to write, as the kernel makes it; a bind mount would be root's.
            "tmpfs": [
                {
                    "containerPath": SCRATCH_PATH,
                    "size": SCRATCH_MIB,
                    "mountOptions": ["nosuid", "nodev", "noexec"],
                }
            ],
        },
        "portMappings": [{"containerPort": args.port, "protocol": "tcp"}],
        "environment": [{"name": name, "value": value} for name, value in sorted(environment.items())],
        "stopTimeout": GRACE_SECONDS,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": args.region,
                "awslogs-stream-prefix": args.service,
                # Rather a log line lost than an order late.
                "mode": "non-blocking",
                "max-buffer-size": LOG_BUFFER,
            },
        },
    }


def execution_statements(args: ServiceArgs, log_group: str) -> list[dict[str, object]]:
    """Statements of the execution role: to pull the one image and write the one log group.

    ecr:GetAuthorizationToken supports no resource-level permissions.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    region_and_account = f"{args.region}:{args.account}"
    return [
        {"Sid": "Registry", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {
            "Sid": "Image",
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": f"arn:aws:ecr:{region_and_account}:repository/{args.repository}",
        },
        {
            "Sid": "Log",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:{region_and_account}:log-group:{log_group}:*",
        },
    ]
