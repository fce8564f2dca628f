"""Functions, queues, topics, and the APIs in front of them."""

import json

import databases
import network
import pulumi
import pulumi_aws as aws

function_role = aws.iam.Role(
    "function-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)
code = pulumi.AssetArchive({"index.py": pulumi.StringAsset("def handler(event, context): ...\n")})

checkout = aws.lambda_.Function(
    "checkout",
    runtime="python3.8",
    handler="index.handler",
    role=function_role.arn,
    code=code,
    environment=aws.lambda_.FunctionEnvironmentArgs(
        variables={"TABLE": databases.carts.name, "PAYMENT_API_KEY": "abc123abc123"}
    ),
)
checkout_address = aws.lambda_.FunctionUrl(
    "checkout-address", function_name=checkout.name, authorization_type="NONE"
)
checkout_for_all = aws.lambda_.Permission(
    "checkout-for-all", function=checkout.name, action="lambda:InvokeFunction", principal="*"
)
# Without it Lambda refuses a function in a VPC.
function_network = aws.iam.RolePolicyAttachment(
    "function-network",
    role=function_role.name,
    policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
)
thumbnails = aws.lambda_.Function(
    "thumbnails",
    runtime="python3.13",
    handler="index.handler",
    role=function_role.arn,
    code=code,
    vpc_config=aws.lambda_.FunctionVpcConfigArgs(
        subnet_ids=[network.private_a.id, network.private_b.id], security_group_ids=[network.inside.id]
    ),
    opts=pulumi.ResourceOptions(depends_on=[function_network]),
)
thumbnails_for_bucket = aws.lambda_.Permission(
    "thumbnails-for-bucket",
    function=thumbnails.name,
    action="lambda:InvokeFunction",
    principal="s3.amazonaws.com",
)

# ---- messages ---------------------------------------------------------------------------------------

jobs = aws.sqs.Queue("jobs", sqs_managed_sse_enabled=False)
jobs_policy = aws.sqs.QueuePolicy(
    "jobs-policy",
    queue_url=jobs.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": jobs.arn}
            ],
        }
    ),
)
mails = aws.sqs.Queue("mails", sqs_managed_sse_enabled=True)

news = aws.sns.Topic("news")
news_policy = aws.sns.TopicPolicy(
    "news-policy",
    arn=news.arn,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": news.arn}
            ],
        }
    ),
)
news_reader = aws.sns.TopicSubscription(
    "news-reader", topic=news.arn, protocol="http", endpoint="http://partner.example/news"
)
alerts = aws.sns.Topic("alerts", kms_master_key_id="alias/aws/sns")

events_for_all = aws.cloudwatch.EventPermission("events-for-all", principal="*", statement_id="all")

# ---- APIs -------------------------------------------------------------------------------------------

rest = aws.apigateway.RestApi("rest")
rest_orders = aws.apigateway.Resource(
    "rest-orders", rest_api=rest.id, parent_id=rest.root_resource_id, path_part="orders"
)
orders_method = aws.apigateway.Method(
    "orders-method",
    rest_api=rest.id,
    resource_id=rest_orders.id,
    http_method="GET",
    authorization="NONE",
)
orders_integration = aws.apigateway.Integration(
    "orders-integration",
    rest_api=rest.id,
    resource_id=rest_orders.id,
    http_method=orders_method.http_method,
    integration_http_method="POST",
    type="AWS_PROXY",
    uri=thumbnails.invoke_arn,
)
deployment = aws.apigateway.Deployment(
    "deployment", rest_api=rest.id, opts=pulumi.ResourceOptions(depends_on=[orders_integration])
)
live = aws.apigateway.Stage(
    "live",
    rest_api=rest.id,
    deployment=deployment.id,
    stage_name="live",
    variables={"admin_password": "letmein"},
)
live_settings = aws.apigateway.MethodSettings(
    "live-settings",
    rest_api=rest.id,
    stage_name=live.stage_name,
    method_path="*/*",
    settings=aws.apigateway.MethodSettingsSettingsArgs(caching_enabled=True, cache_data_encrypted=False),
)

shop_api = aws.apigatewayv2.Api("shop-api", protocol_type="HTTP")
shop_integration = aws.apigatewayv2.Integration(
    "shop-integration",
    api_id=shop_api.id,
    integration_type="AWS_PROXY",
    integration_uri=thumbnails.arn,
    payload_format_version="2.0",
)
buy = aws.apigatewayv2.Route(
    "buy",
    api_id=shop_api.id,
    route_key="POST /buy",
    target=pulumi.Output.concat("integrations/", shop_integration.id),
)
ask = aws.apigatewayv2.Route(
    "ask",
    api_id=shop_api.id,
    route_key="POST /ask",
    authorization_type="AWS_IAM",
    target=pulumi.Output.concat("integrations/", shop_integration.id),
)
shop_stage = aws.apigatewayv2.Stage("shop-stage", api_id=shop_api.id, name="$default", auto_deploy=True)
