"""Decides who may call which method of the API: a Lambda REQUEST authorizer of a REST API."""
