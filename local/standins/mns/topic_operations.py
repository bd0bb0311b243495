"""The MNS operations on topics and subscriptions."""

from __future__ import annotations

from collections.abc import Callable

from local.standins.account import Account
from local.standins.mns.errors import not_by_schema
from local.standins.mns.queue_operations import page
from local.standins.mns.topics import MESSAGE_BYTES_MAX, Subscription, Topics
from local.standins.mns.wire import Call, Reply, element, fields

Operation = Callable[[Account, Topics, Call], Reply]

_SUBSCRIPTION_FIELDS = ("Endpoint", "NotifyStrategy", "NotifyContentFormat", "FilterTag")


def create_topic(_: Account, topics: Topics, call: Call) -> Reply:
    is_new = topics.create(call.names["topic"])
    return Reply(201 if is_new else 204, headers=call.location(f"/topics/{call.names['topic']}"))


def get_topic_attributes(_: Account, topics: Topics, call: Call) -> Reply:
    topic = topics.get(call.names["topic"])
    told = {
        "TopicName": topic.name,
        "CreateTime": str(int(topic.created_at)),
        "LastModifyTime": str(int(topic.created_at)),
        "MaximumMessageSize": str(MESSAGE_BYTES_MAX),
        "MessageRetentionPeriod": "86400",
        "MessageCount": "0",
        "LoggingEnabled": "False",
    }
    return Reply(200, element("Topic", told, root=True))


def delete_topic(_: Account, topics: Topics, call: Call) -> Reply:
    topics.delete(call.names["topic"])
    return Reply(204)


def list_topic(_: Account, topics: Topics, call: Call) -> Reply:
    names, marker = page(topics.names(), str, call)
    urls = (call.location(f"/topics/{name}")["Location"] for name in names)
    return Reply(
        200, element("Topics", "".join(element("Topic", {"TopicURL": url}) for url in urls) + marker, root=True)
    )


def publish_message(_: Account, topics: Topics, call: Call) -> Reply:
    sent = fields(call.document("Message"), ("MessageBody", "MessageTag"))
    if "MessageBody" not in sent:
        raise not_by_schema("MessageBody")
    message = topics.publish(call.names["topic"], sent["MessageBody"], sent.get("MessageTag", ""))
    return Reply(201, element("Message", {"MessageId": message.id, "MessageBodyMD5": message.body_md5}, root=True))


def subscribe(account: Account, topics: Topics, call: Call) -> Reply:
    sent = fields(call.document("Subscription"), _SUBSCRIPTION_FIELDS)
    if not sent.get("Endpoint"):
        raise not_by_schema("Endpoint")
    wanted = Subscription(
        call.names["topic"],
        call.names["subscription"],
        sent["Endpoint"],
        account.now(),
        sent.get("NotifyStrategy") or "BACKOFF_RETRY",
        sent.get("NotifyContentFormat") or "XML",
        sent.get("FilterTag", ""),
    )
    is_new = topics.subscribe(wanted)
    return Reply(201 if is_new else 204, headers=call.location(_path(wanted)))


def unsubscribe(_: Account, topics: Topics, call: Call) -> Reply:
    topics.unsubscribe(call.names["topic"], call.names["subscription"])
    return Reply(204)


def get_subscription_attributes(account: Account, topics: Topics, call: Call) -> Reply:
    kept = topics.subscription(call.names["topic"], call.names["subscription"])
    told = {
        "TopicOwner": account.account_id,
        "TopicName": kept.topic,
        "SubscriptionName": kept.name,
        "Endpoint": kept.endpoint,
        **({"FilterTag": kept.filter_tag} if kept.filter_tag else {}),
        "NotifyStrategy": kept.strategy,
        "NotifyContentFormat": kept.content_format,
        "CreateTime": str(int(kept.created_at)),
        "LastModifyTime": str(int(kept.created_at)),
    }
    return Reply(200, element("Subscription", told, root=True))


def list_subscription_by_topic(_: Account, topics: Topics, call: Call) -> Reply:
    kept, marker = page(topics.subscriptions(call.names["topic"]), lambda one: one.name, call)
    urls = (call.location(_path(one))["Location"] for one in kept)
    inner = "".join(element("Subscription", {"SubscriptionURL": url}) for url in urls)
    return Reply(200, element("Subscriptions", inner + marker, root=True))


def _path(subscription: Subscription) -> str:
    return f"/topics/{subscription.topic}/subscriptions/{subscription.name}"


OPERATIONS: dict[str, Operation] = {
    "CreateTopic": create_topic,
    "GetTopicAttributes": get_topic_attributes,
    "DeleteTopic": delete_topic,
    "ListTopic": list_topic,
    "PublishMessage": publish_message,
    "Subscribe": subscribe,
    "Unsubscribe": unsubscribe,
    "GetSubscriptionAttributes": get_subscription_attributes,
    "ListSubscriptionByTopic": list_subscription_by_topic,
}
