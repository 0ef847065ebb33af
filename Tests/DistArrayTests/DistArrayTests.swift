// DistArrayTests
