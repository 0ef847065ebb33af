// Names of Open MPI that Swift cannot import (macros that cast, sentinel pointers). No decisions live here.
#ifndef DASTORE_CMPI_SHIM_H
#define DASTORE_CMPI_SHIM_H
#include <mpi.h>
static inline MPI_Comm cmpi_comm_world(void) { return MPI_COMM_WORLD; }  // macro that casts an address
#endif
