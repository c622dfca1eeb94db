"""What makes the service run on AWS, or on LocalStack: never deployed itself."""
