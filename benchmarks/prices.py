"""AWS's public prices of us-east-1 in US dollars, without free tiers and taxes, as of November 2026.

They come from secondary sources, as docs/explanation/costs.md says: check them before you promise a figure.
"""

DATE = "November 2026"

API_REQUEST = 3.50e-6
LAMBDA_REQUEST = 0.20e-6
LAMBDA_GB_SECOND = 13.3334e-6
"""On arm64."""
S3_PUT = 5.00e-6
S3_GET = 0.40e-6
LOG_GB = 0.50
PROXY_HOUR = 0.015
"""Of RDS Proxy, for each processor of the database, of which it counts at least two."""
STORAGE_HOUR = 2.30 / 730
"""Of 20 GB gp3."""
