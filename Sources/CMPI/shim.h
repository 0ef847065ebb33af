// Names of Open MPI that Swift cannot import. No decisions live here.
//
// All of them are macros: handles such as `MPI_COMM_WORLD` cast the address of a library variable, sentinels such as
// `MPI_IN_PLACE` cast a number to a pointer. Swift imports neither kind, so each gets a function of the same name.
#ifndef DASTORE_CMPI_SHIM_H
#define DASTORE_CMPI_SHIM_H
#include <mpi.h>

// Handles: macros that cast an address.
static inline MPI_Comm cmpi_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Comm cmpi_comm_self(void) { return MPI_COMM_SELF; }
static inline MPI_Comm cmpi_comm_null(void) { return MPI_COMM_NULL; }
static inline MPI_Info cmpi_info_null(void) { return MPI_INFO_NULL; }
static inline MPI_File cmpi_file_null(void) { return MPI_FILE_NULL; }
static inline MPI_Request cmpi_request_null(void) { return MPI_REQUEST_NULL; }
static inline MPI_Errhandler cmpi_errors_return(void) { return MPI_ERRORS_RETURN; }

// Sentinel: a macro that casts a number to a pointer.
static inline void *cmpi_in_place(void) { return MPI_IN_PLACE; }

// Datatypes: macros that cast an address.
static inline MPI_Datatype cmpi_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype cmpi_int8(void) { return MPI_INT8_T; }
static inline MPI_Datatype cmpi_int16(void) { return MPI_INT16_T; }
static inline MPI_Datatype cmpi_int32(void) { return MPI_INT32_T; }
static inline MPI_Datatype cmpi_int64(void) { return MPI_INT64_T; }
static inline MPI_Datatype cmpi_uint8(void) { return MPI_UINT8_T; }
static inline MPI_Datatype cmpi_uint16(void) { return MPI_UINT16_T; }
static inline MPI_Datatype cmpi_uint32(void) { return MPI_UINT32_T; }
static inline MPI_Datatype cmpi_uint64(void) { return MPI_UINT64_T; }
static inline MPI_Datatype cmpi_float(void) { return MPI_FLOAT; }
static inline MPI_Datatype cmpi_double(void) { return MPI_DOUBLE; }

// Reduction operations: macros that cast an address.
static inline MPI_Op cmpi_sum(void) { return MPI_SUM; }
static inline MPI_Op cmpi_min(void) { return MPI_MIN; }
static inline MPI_Op cmpi_max(void) { return MPI_MAX; }
static inline MPI_Op cmpi_bor(void) { return MPI_BOR; }
static inline MPI_Op cmpi_band(void) { return MPI_BAND; }

#endif
