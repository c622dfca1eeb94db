"""The routes of Uppy's Companion that upload to S3, and one for Uppy's `signRequest`.

From the sources of @uppy/companion 6.2 (src/server/controllers/s3.js) and of @uppy/aws-s3 6.3 and 5.1.
"""
