"""Topics of the order path: trades, and outcomes that nobody asked for; each service that subscribes has a queue."""

from __future__ import annotations

from dataclasses import dataclass

from components.cell.context import CellContext
from components.messaging.topic import Subscription, Topic, TopicArgs
from settings.catalogue import SERVICES


@dataclass(frozen=True, kw_only=True)
class OrderTopics:
    trades: Topic
    alerts: Topic


def build_topics(context: CellContext, *, publisher: str) -> OrderTopics:
    """Builds both topics, with the queues of the services that subscribe to them in the catalogue.

    `publisher` is the last part of the name of the role that may publish.
    """
    return OrderTopics(
        trades=_topic(context, "trades", publisher), alerts=_topic(context, "order-alerts", publisher)
    )


def subscription_queue(topic: str, service: str) -> str:
    """Queue of a service that subscribes to a topic, as the last part of its physical name."""
    return f"{topic}-{service}"


def _topic(context: CellContext, topic: str, publisher: str) -> Topic:
    return Topic(
        f"{context.name}-{topic}",
        TopicArgs(
            topic=context.names.topic(topic),
            account=context.settings.platform.account,
            region=context.settings.region,
            key_arn=context.key_arn("ledger"),
            publishers=[context.names.role(publisher)],
            subscriptions={
                service: Subscription(
                    queue=context.names.queue(subscription_queue(topic, service)),
                    filter_policy={"kind": list(facts.subscribes[topic])},
                )
                for service, facts in SERVICES.items()
                if topic in facts.subscribes
            },
            alarm_topic_arn=context.alarm_topic_arn,
            retire=context.settings.retire,
        ),
        context.child,
    )
