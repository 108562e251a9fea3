"""Does one part of a data set know the other: same patients, same pictures, nearly the same pictures."""
