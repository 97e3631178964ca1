// The works of `make bench-tasks` in Go; tasks.tg says what they are.
package main

import (
	"bufio"
	"context"
	"fmt"
	"math/big"
	"os"
	"os/signal"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

var count, cleaned, caught int64
var extra string
var stdin = bufio.NewReader(os.Stdin)

func tick(wg *sync.WaitGroup) {
	atomic.AddInt64(&count, 1)
	wg.Done()
}

func spawnAll(n int) {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go tick(&wg)
	}
	wg.Wait()
}

func inThousands(n int) any {
	for round := 0; round < n/1000; round++ {
		spawnAll(1000)
	}
	return count
}

func atOnce(n int) any {
	spawnAll(n)
	return count
}

func produce(wg *sync.WaitGroup, out chan int, n int) {
	defer wg.Done()
	for i := 0; i < n; i++ {
		out <- i
	}
}

func consume(wg *sync.WaitGroup, source chan int, n int) {
	defer wg.Done()
	sum := 0
	for i := 0; i < n; i++ {
		sum += <-source
	}
	atomic.AddInt64(&count, int64(sum))
}

func through(ch chan int, pairs, n int) any {
	var wg sync.WaitGroup
	wg.Add(2 * pairs)
	for i := 0; i < pairs; i++ {
		go produce(&wg, ch, n/pairs)
	}
	for i := 0; i < pairs; i++ {
		go consume(&wg, ch, n/pairs)
	}
	wg.Wait()
	return count
}

func rendezvous(n int) any { return through(make(chan int), 1, n) }
func buffered(n int) any   { return through(make(chan int, 100), 100, n) }

func leafOrTen(out chan int, first, size int) {
	if size == 1 {
		out <- first
		return
	}
	results := make(chan int)
	for i := 0; i < 10; i++ {
		go leafOrTen(results, first+i*(size/10), size/10)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-results
	}
	out <- sum
}

func skynet(leaves int) any {
	out := make(chan int)
	go leafOrTen(out, 0, leaves)
	return <-out
}

func passOn(source, out chan int, turns int) {
	for turn := 0; turn < turns; turn++ {
		out <- <-source + 1
	}
}

func ring(hops int) any {
	turns := hops / 1000
	start := make(chan int)
	source := start
	for i := 0; i < 999; i++ {
		out := make(chan int)
		go passOn(source, out, turns)
		source = out
	}
	token := 0
	for turn := 0; turn < turns; turn++ {
		start <- token
		token = <-source + 1
	}
	return token
}

func locked(n int) any {
	var m sync.Mutex
	var wg sync.WaitGroup
	for i := 0; i < 100; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for turn := 0; turn < n/100; turn++ {
				m.Lock()
				before := count
				runtime.Gosched()
				count = before + 1
				m.Unlock()
			}
		}()
	}
	wg.Wait()
	return count
}

func generate(out chan int) {
	for i := 2; ; i++ {
		out <- i
	}
}

func filter(source, out chan int, prime int) {
	for {
		if i := <-source; i%prime != 0 {
			out <- i
		}
	}
}

func sieve(primes int) any {
	source := make(chan int)
	go generate(source)
	prime := 0
	for i := 0; i < primes; i++ {
		prime = <-source
		out := make(chan int)
		go filter(source, out, prime)
		source = out
	}
	return prime
}

func sleepers(n int) any {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func(delay time.Duration) {
			time.Sleep(delay)
			atomic.AddInt64(&count, 1)
			wg.Done()
		}(time.Duration(float64(i) / float64(n) * 1e9))
	}
	wg.Wait()
	return count
}

func allBegun(n int) {
	for atomic.LoadInt64(&count) < int64(n) {
		runtime.Gosched()
	}
}

func crowd(n int) {
	var wg sync.WaitGroup
	release := make(chan struct{})
	count = 0
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() {
			atomic.AddInt64(&count, 1)
			<-release
			wg.Done()
		}()
	}
	allBegun(n)
	close(release)
	wg.Wait()
}

func live(n int) any {
	rounds, _ := strconv.Atoi(extra)
	for round := 0; round < rounds; round++ {
		crowd(n)
	}
	return count
}

func ready() {
	fmt.Println("ready")
	time.Sleep(time.Hour)
}

func asleep(n int) any {
	for i := 0; i < n; i++ {
		go func() {
			atomic.AddInt64(&count, 1)
			time.Sleep(time.Hour)
		}()
	}
	allBegun(n)
	ready()
	return nil
}

func guarded(ctx context.Context, wg *sync.WaitGroup, ch chan int) {
	defer wg.Done()
	defer func() { atomic.AddInt64(&cleaned, 1) }()
	atomic.AddInt64(&count, 1)
	select {
	case <-ch:
	case <-ctx.Done():
	}
}

func blockGuarded(n int, then func(cancel context.CancelFunc)) any {
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	ch := make(chan int)
	for i := 0; i < n; i++ {
		wg.Add(1)
		go guarded(ctx, &wg, ch)
	}
	allBegun(n)
	then(cancel)
	wg.Wait()
	return cleaned
}

func blocked(n int) any { return blockGuarded(n, func(cancel context.CancelFunc) { ready() }) }
func cancel(n int) any  { return blockGuarded(n, func(cancel context.CancelFunc) { cancel() }) }

// Ctrl-C reaches nobody by itself: each has to ask the context.
func interrupt(n int) any {
	var wg sync.WaitGroup
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ch := make(chan int)
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { atomic.AddInt64(&cleaned, 1) }()
			atomic.AddInt64(&count, 1)
			select {
			case <-ch:
			case <-ctx.Done():
				atomic.AddInt64(&caught, 1)
			}
		}()
	}
	allBegun(n)
	fmt.Println("ready")
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer func() { atomic.AddInt64(&cleaned, 1) }()
		for turns := 0; ctx.Err() == nil; turns++ {
		}
		atomic.AddInt64(&caught, 1)
	}()
	wg.Wait()
	return fmt.Sprint(caught, " ", cleaned)
}

func busyUntil(ctx context.Context, kind string) {
	items := []int{}
	if kind == "sort_many" {
		for i := 0; i < 1000000; i++ {
			items = append(items, i*7919%1000003)
		}
	}
	large := new(big.Int).Exp(big.NewInt(3), big.NewInt(100000), nil)
	for ctx.Err() == nil {
		switch kind {
		case "build_text":
			text := ""
			for i := 0; i < 10000 && ctx.Err() == nil; i++ {
				text += "line " + strconv.Itoa(i) + "\n"
			}
		case "sort_many":
			sort.Ints(append([]int{}, items...))
		case "multiply_large":
			new(big.Int).Mul(large, large)
		}
	}
}

func busy(n int) any {
	for turn := 0; turn < n; turn++ {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		fmt.Println("ready")
		busyUntil(ctx, extra)
		fmt.Println("caught")
		stop()
	}
	return n
}

func memory(n int) any {
	fmt.Println("ready")
	stdin.ReadString('\n')
	crowd(n)
	for i := 0; i < 2000000; i++ {
		garbage = []int{i}
	}
	fmt.Println("ready")
	stdin.ReadString('\n')
	return n
}

var garbage []int

func late(n int) any {
	for i := 0; i < n; i++ {
		go func(delay time.Duration) {
			time.Sleep(delay)
			for {
				sum := 0
				for i := 0; i < 100; i++ {
					sum += i
				}
				atomic.StoreInt64(&cleaned, int64(sum))
				time.Sleep(100 * time.Millisecond)
			}
		}(time.Duration(i) * 100 * time.Millisecond / time.Duration(n))
	}
	time.Sleep(300 * time.Millisecond)
	times := []float64{}
	end := time.Now().Add(3 * time.Second)
	for len(times) < 2000 && time.Now().Before(end) {
		before := time.Now()
		time.Sleep(time.Millisecond)
		times = append(times, float64(time.Since(before)-time.Millisecond)/1000)
	}
	sort.Float64s(times)
	return int(times[len(times)*999/1000])
}

func main() {
	works := map[string]func(int) any{
		"empty": func(n int) any { return n }, "in_thousands": inThousands, "at_once": atOnce,
		"rendezvous": rendezvous, "buffered": buffered, "skynet": skynet, "ring": ring, "locked": locked,
		"sieve": sieve, "sleepers": sleepers, "live": live, "asleep": asleep, "blocked": blocked,
		"cancel": cancel, "interrupt": interrupt, "busy": busy, "memory": memory, "late": late,
	}
	n, _ := strconv.Atoi(os.Args[2])
	if len(os.Args) > 3 {
		extra = os.Args[3]
	}
	fmt.Println(os.Args[1], works[os.Args[1]](n))
}
