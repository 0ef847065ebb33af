// DATestSupport
