"""API Gateway: the REST API with its methods, stage, custom domains and usage plans."""
