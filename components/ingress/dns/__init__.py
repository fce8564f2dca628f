"""Route 53: host names, latency records, health checks and certificates."""
