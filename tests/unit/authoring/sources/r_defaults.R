# Two defaults, a wrong one, an illegal name
a <- Sys.getenv("a", "1")
b <- as.integer(Sys.getenv("b", "many"))
c <- Sys.getenv("my.name", "1")
a <- Sys.getenv("a", "2")
password <- Sys.getenv("password", "hunter2")
