// DAChunkCache
