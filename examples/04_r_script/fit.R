# Fit a straight line
#
# Least squares over the readings of one day; the figure shows both.

# Degree of the polynomial
degree <- as.integer(Sys.getenv("degree", "1"))
# Colour of the line
colour <- Sys.getenv("colour", "steelblue")
# Whether the points are drawn too
points_too <- as.logical(Sys.getenv("points_too", "TRUE"))

input_readings <- Sys.getenv("input_readings") # type: Dataset
output_figure <- Sys.getenv("output_figure", "fit.svg") # type: Figure
# Coefficients of the polynomial, the constant first
output_coefficients <- Sys.getenv("output_coefficients", "fit.json") # type: list

readings <- read.csv(input_readings)
readings <- readings[!is.na(readings$value), ]
fit <- lm(value ~ poly(hour, degree, raw = TRUE), data = readings)

svg(output_figure, width = 6, height = 4)
plot(value ~ hour, data = readings, type = if (points_too) "p" else "n", main = "Readings of one day")
lines(readings$hour, fitted(fit), col = colour, lwd = 2)
invisible(dev.off())

cat("[", paste(format(coef(fit), digits = 10), collapse = ", "), "]", sep = "", file = output_coefficients)
cat(nrow(readings), "readings, residual standard error", format(sigma(fit), digits = 3), "\n")
