// DAStoreTests
