# Broken
x <- c(1,
  list(a = 2]
