// Package api routes.
package api

import (
	"example.com/server/pkg/greet"
)

// Route answers a path.
func Route(path string) string {
	switch path {
	case "/hello":
		return greet.Hello("you")
	}
	return "404"
}
