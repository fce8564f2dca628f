"""Callbacks: functions of the program that the engine calls over gRPC, such as transforms and hooks."""

from __future__ import annotations

import threading

import grpc
from google.protobuf.message import Message
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc

from rehearsal.rpc import NO_LIMIT


class CallbackError(Exception):
    """A function of the program raised an error; the text is the program's."""


class Callbacks:
    """Connections to the program's functions, one for each process that has any."""

    def __init__(self) -> None:
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def call(self, callback: callback_pb2.Callback, request: Message) -> bytes:
        """Answer of a function, in wire form. Raises CallbackError if it fails."""
        stub = callback_pb2_grpc.CallbacksStub(self._channel(callback.target))
        asked = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        try:
            return stub.Invoke(asked).response
        except grpc.RpcError as error:
            raise CallbackError(error.details()) from None

    def close(self) -> None:
        """Closes the connections."""
        for channel in self._channels.values():
            channel.close()

    def _channel(self, target: str) -> grpc.Channel:
        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target, options=NO_LIMIT)
            return self._channels[target]
