// DistArray
