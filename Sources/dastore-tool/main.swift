print("dastore-tool")
