// Where the program starts and ends.

import Glibc

exit(runTool(Array(CommandLine.arguments.dropFirst())).code)
