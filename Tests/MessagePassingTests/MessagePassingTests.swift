// MessagePassingTests
