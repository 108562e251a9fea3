#!/usr/bin/env Rscript
#' Fit a curve
#'
#' By least squares.
# @dependency broom

if (!require(dplyr)) install.packages("dplyr", repos = "https://cloud.r-project.org")
suppressPackageStartupMessages(library("ggplot2"))
install.packages(c('tidyr', "readr"))
library(stats)
requireNamespace("jsonlite", quietly = TRUE)
name <- "nlme"; library(name, character.only = TRUE)
remotes::install_github("someone/something")

# Passes over the data,
# in full
epochs <- as.integer(Sys.getenv("epochs", "8"))
rate = as.numeric(Sys.getenv("rate", unset = 0.001)) # how fast
shuffle <- as.logical(Sys.getenv("shuffle", "False"))
loud <- isTRUE(as.logical(Sys.getenv("loud", TRUE)))
strict <- tolower(Sys.getenv("strict", "no")) == "yes"
quick <- Sys.getenv("quick", "0") %in% c("1", "true")
mode <- Sys.getenv('mode', 'it\'s "a" $HOME\n\u00e4')
raw <- Sys.getenv("raw", r"(C:\a "b" (c))")
must <- Sys.getenv("must")
maybe <- Sys.getenv("maybe", NA)
if (nzchar(Sys.getenv("asked"))) print("asked")
if (Sys.getenv("other") == "") print("none")
sizes <- jsonlite::fromJSON(Sys.getenv("sizes", "[64, 32]"))
low <- as.numeric(
  # Lowest of all
  Sys.getenv("low",
    "-1.5")
)
computed <- Sys.getenv("computed", paste0("a", "b"))
fit <- function(n = as.integer(Sys.getenv("inner", 2L))) {
  # Deep down
  Sys.getenv("deeper", "x")
}
home <- Sys.getenv("HOME")
text <- "# not a comment: Sys.getenv(\"fake\", \"1\")
# @param alsofake int 3 nothing
"
token <- Sys.getenv("api_token")

input_table <- Sys.getenv("input_table")  # type: Dataset
output_figure <- Sys.getenv("output_figure", "plot.svg") # type: Figure
output_folder <- Sys.getenv("output_folder")
