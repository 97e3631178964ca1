// The same in Node, with what it brings along.
const http = require('http');

const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const user = /^\/users\/([^/]+)$/.exec(url.pathname);
    if (request.method === 'GET' && url.pathname === '/') {
        response.setHeader('content-type', 'text/plain; charset=utf-8');
        response.end('hello, world\n');
    } else if (request.method === 'GET' && user) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({id: decodeURIComponent(user[1]), name: 'ann', tags: ['a', 'b']}));
    } else if (request.method === 'POST' && url.pathname === '/size') {
        let size = 0;
        request.on('data', (part) => { size += part.length; });
        request.on('end', () => response.end(`${size}\n`));
    } else {
        response.statusCode = 404;
        response.end();
    }
});
server.listen(Number(process.argv[2]), '127.0.0.1', 1024, () => console.log('ready'));
