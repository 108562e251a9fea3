"""Deployment: a verified bundle as documents for KServe, and the way of those documents onto the clusters of several sites."""
