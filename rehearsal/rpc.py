"""gRPC servers, of this machine alone; `translate` gives the status with which an exception ends its call."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

Translate = Callable[[Exception], tuple[grpc.StatusCode, str]]

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@contextmanager
def serve(add: Callable[[grpc.Server], None], translate: Translate, threads: int) -> Iterator[int]:
    """Serves on the loopback interface what `add` puts on the server, while the context lasts. Yields the port."""
    with _served(add, translate, threads, "127.0.0.1:0") as port:
        yield port


@contextmanager
def serve_by_file(add: Callable[[grpc.Server], None], translate: Translate, threads: int) -> Iterator[str]:
    """Serves on a socket in the file system, whose calls take a quarter less of the processor. Yields the address."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        address = f"unix:{folder}/socket"
        with _served(add, translate, threads, address):
            yield address


@contextmanager
def _served(
    add: Callable[[grpc.Server], None], translate: Translate, threads: int, address: str
) -> Iterator[int]:
    pool = ThreadPoolExecutor(max_workers=threads)
    server = grpc.server(pool, options=NO_LIMIT, interceptors=[_Translator(translate)])
    add(server)
    port = server.add_insecure_port(address)
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()
        pool.shutdown(wait=False)


class _Translator(grpc.ServerInterceptor):
    def __init__(self, translate: Translate) -> None:
        self._translate = translate

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler

        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            try:
                return handler.unary_unary(request, context)
            except Exception as error:  # each service translates its errors for its client
                return context.abort(*self._translate(error))

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )
