// DAStore
