"""Redshift Serverless: the warehouse and its zero-ETL integration."""
