// Package greet says hello.
package greet

// Name is whom to greet.
type Name string

// Hello greets.
func Hello(name Name) string {
	return "hello " + string(name)
}

// Bye takes leave.
func Bye(name Name) string {
	return "bye " + string(name)
}
