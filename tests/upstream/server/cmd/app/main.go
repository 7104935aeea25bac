// Command app answers one path.
package main

import (
	"fmt"

	"example.com/server/internal/api"
)

func main() {
	fmt.Println(api.Route("/hello"))
}
