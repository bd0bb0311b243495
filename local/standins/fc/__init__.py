"""Function Compute: functions, synchronous and asynchronous invocation, retries, failure destination."""
