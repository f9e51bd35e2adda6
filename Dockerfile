# Ganglion for one person. From this folder:
#   docker build -t ganglion .
#   docker run --rm -it -u "$(id -u):$(id -g)" -v "$PWD:/data" ganglion train skin --out run --minutes 60
#   docker run --rm -it -u "$(id -u):$(id -g)" -v "$PWD:/data" -p 127.0.0.1:8080:8080 ganglion studio . --host 0.0.0.0 --port 8080 --allow-remote
# Inside, 0.0.0.0 is the address that docker passes on; outside, 127.0.0.1:8080 is this machine alone. Open the printed address there.
# The image of a cluster, without a folder of its own, is docs/cluster/Dockerfile.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build && npm pack

FROM node:20-bookworm-slim
COPY --from=build /app/ganglion-*.tgz /tmp/
# Each machine's measurements are kept in the volume's folder, beside the runs.
ENV GANGLION_CACHE=/data/.ganglion-cache
RUN npm install --global --no-fund --no-audit /tmp/ganglion-*.tgz && rm -rf /tmp/ganglion-*.tgz /root/.npm
WORKDIR /data
ENTRYPOINT ["ganglion"]
