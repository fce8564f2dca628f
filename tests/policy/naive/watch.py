"""Logs and alarms."""

import json

import pulumi
import pulumi_aws as aws
import storage
from backend import alerts

trail = aws.cloudtrail.Trail(
    "trail",
    s3_bucket_name=storage.photos.bucket,
    is_multi_region_trail=False,
    enable_logging=False,
    opts=pulumi.ResourceOptions(depends_on=[storage.photos_policy]),
)

access_log = aws.cloudwatch.LogGroup("access-log", retention_in_days=7)
audit_log = aws.cloudwatch.LogGroup("audit-log", retention_in_days=365)
logs_for_all = aws.cloudwatch.LogResourcePolicy(
    "logs-for-all",
    policy_name="all",
    policy_document=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "logs:PutLogEvents", "Resource": "*"}
            ],
        }
    ),
)

busy = aws.cloudwatch.MetricAlarm(
    "busy",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    namespace="AWS/EC2",
    metric_name="CPUUtilization",
    period=300,
    statistic="Average",
    threshold=90,
)
full = aws.cloudwatch.MetricAlarm(
    "full",
    comparison_operator="LessThanThreshold",
    evaluation_periods=1,
    namespace="AWS/RDS",
    metric_name="FreeStorageSpace",
    period=300,
    statistic="Average",
    threshold=1000000000,
    alarm_actions=[alerts.arn],
    actions_enabled=False,
)

detector = aws.guardduty.Detector("detector", enable=True)
analyzer = aws.accessanalyzer.Analyzer("analyzer", analyzer_name="shop")
