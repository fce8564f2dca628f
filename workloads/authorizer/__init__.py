"""Lambda authorizer of the REST API, of type REQUEST: allows the methods that an access token's scopes are for."""
