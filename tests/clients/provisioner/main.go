// A provisioner daemon on the libraries that existing daemons use. It knows the provisioner type `echo`: a template's archive
// declares in `template.json` what the template has (template.go), and importing it says just that.
//
// Usage: PROVISIONER_DAEMON_KEY=KEY provisioner -url ADDRESS [-name NAME] [-tag KEY=VALUE]... [-step] [-once]
//
// It writes one JSON object a line on what happens. With -step it stops before each step of its work, says which
// ({"event":"at","step":...}) and reads from standard input what to do:
//
//	go                go on
//	update            say that the job is alive, and ask whether it was cancelled
//	log TEXT          send a log line
//	call RPC JOB      call an RPC with nothing but this job's id, and show the answer
//	upload SIZE       send a file of modules of so many bytes
//	download FILE     ask for a file
//	stall             stop without a word, until continued by a signal
//	die               end without a word
//	quit              wait for no further job, and leave
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

var writing sync.Mutex

// say writes an event.
func say(event string, details ...any) {
	object := map[string]any{"event": event}
	for i := 0; i+1 < len(details); i += 2 {
		object[details[i].(string)] = details[i+1]
	}
	line, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	writing.Lock()
	defer writing.Unlock()
	fmt.Println(string(line))
}

// commands reads what to do, a line each.
func commands() <-chan []string {
	lines := make(chan []string)
	go func() {
		defer close(lines)
		input := bufio.NewScanner(os.Stdin)
		for input.Scan() {
			verb, rest, _ := strings.Cut(input.Text(), " ")
			lines <- []string{verb, rest}
		}
	}()
	return lines
}

func stall() {
	if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
		panic(err)
	}
}

func main() {
	link := &link{}
	step := flag.Bool("step", false, "stop before each step")
	flag.StringVar(&link.url, "url", "", "address of the serve endpoint")
	flag.StringVar(&link.name, "name", "", "the daemon's name")
	flag.StringVar(&link.version, "version", "1.20", "the API's version")
	flag.StringVar(&link.token, "token", "", "a session token, instead of a key")
	flag.Var(&link.provisioners, "provisioner", "a provisioner type (echo)")
	flag.Var(&link.tags, "tag", "a tag, KEY=VALUE")
	flag.BoolVar(&link.once, "once", false, "do not connect again")
	flag.DurationVar(&link.patience, "patience", time.Minute, "how long to try to connect")
	flag.DurationVar(&link.ping, "ping", 30*time.Second, "time between two pings")
	flag.Parse()
	link.key = os.Getenv("PROVISIONER_DAEMON_KEY")
	if len(link.provisioners) == 0 {
		link.provisioners = list{"echo"}
	}
	daemon := &daemon{link: link}
	if *step {
		daemon.commands = commands()
	}
	if err := daemon.run(); err != nil {
		say("ended", "error", err.Error())
		os.Exit(1)
	}
	say("ended")
}
