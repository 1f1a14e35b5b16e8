//go:build !purego

package kernel

// neonDot needs the dot product instructions of ARMv8.2 (optional there, always from ARMv8.4 on); neon runs on every arm64.
var neonDot, neon = variant{name: "NEON dot product"}, variant{name: "NEON"}
