// Probe answer judges JSON that openim-api is said to answer with: the server's own envelope and the
// message of the route must read all of it, and would print it as it stands.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"strings"

	pb "github.com/openimsdk/protocol/authservice"
	"github.com/openimsdk/tools/apiresp"
)

// messages are what the routes answer with, by the schema's name.
var messages = map[string]any{
	"answer to POST /authservice/echo":       &pb.EchoResp{},
	"answer to POST /authservice/get_config": &pb.GetConfigResp{},
}

// A finding is one line of a probe's answer.
type finding struct {
	Message string   `json:"message"`
	Path    []string `json:"path,omitempty"`
	Key     bool     `json:"key,omitempty"`
	Known   []string `json:"known,omitempty"`
}

func main() {
	log.SetFlags(0)
	message, ok := messages[os.Args[1]]
	if !ok {
		log.Fatalf("the probe knows no schema %q", os.Args[1])
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	if found := judge(text, message); found != nil {
		line, err := json.Marshal(found)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(line))
	}
	fmt.Println(`{"checked": true}`)
}

func judge(text []byte, message any) *finding {
	answer := apiresp.ApiResponse{Data: message}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&answer); err != nil {
		return explain(err, text, message)
	}
	if answer.ErrCode != 0 {
		// The decoder fills the message, which an answer with an error does not have.
		answer.Data = nil
	}
	printed, err := answer.MarshalJSON()
	if err != nil {
		log.Fatal(err)
	}
	var shown bytes.Buffer
	if err := json.Compact(&shown, text); err != nil {
		log.Fatal(err)
	}
	if !bytes.Equal(printed, shown.Bytes()) {
		return &finding{Message: fmt.Sprintf("the server would print this as %s", printed)}
	}
	return nil
}

// explain finds the place of what encoding/json objects to.
func explain(err error, text []byte, message any) *finding {
	found := &finding{Message: strings.TrimPrefix(err.Error(), "json: ")}
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		found.Message = fmt.Sprintf("%s cannot hold a %s", wrongType.Type, wrongType.Value)
		found.Path = strings.Split(wrongType.Field, ".")
		return found
	}
	var name string
	if _, scanErr := fmt.Sscanf(err.Error(), "json: unknown field %q", &name); scanErr != nil {
		return found
	}
	found.Key = true
	var outer map[string]json.RawMessage
	if err := json.Unmarshal(text, &outer); err != nil {
		return found
	}
	if _, ok := outer[name]; ok {
		found.Path, found.Known = []string{name}, tags(apiresp.ApiResponse{})
		return found
	}
	found.Path, found.Known = []string{"data", name}, tags(message)
	return found
}

// tags returns the JSON names of a struct's fields.
func tags(of any) []string {
	t := reflect.TypeOf(of)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}
