"""Building the deployment package, the zip file that Lambda runs."""
