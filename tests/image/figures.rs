//! How long the image step takes. Prints figures and judges none: `cargo test --test image figures -- --ignored --nocapture`.

use std::time::Instant;

use tengine_operator::image::LayerContent;
use tengine_operator::image::layer::pack;

use crate::support::base::Image;
use crate::support::registry::Registry;
use crate::support::{definition, registries, repository, wanted};

#[tokio::test]
#[ignore = "prints figures"]
async fn a_hundred_files_on_a_base_of_75_mb() {
    let (near, far) = (Registry::open().await, Registry::open().await);
    let base = Image { layers: (0..3).map(|i| vec![i; 25_000_000]).collect(), ..Image::default() };
    let digest = base.push(&near, "ops/base", "1.2").await;
    let all = registries(&[&near.host, &far.host]);
    let mut wanted = wanted(&format!("{}/ops/base:1.2", near.host), &digest, &repository(&near.host, "ops/billing"));

    let begun = Instant::now();
    let layer = pack(&definition(100), "4f2c1a9-0badcafe").unwrap();
    println!("packed, {} bytes: {:?}", layer.size(), begun.elapsed());
    (wanted.layer_digest, wanted.layer_size) = (layer.digest.clone(), layer.size());
    wanted.layer = LayerContent::Bytes(layer.bytes.into());

    for (what, host) in [("same registry", &near.host), ("other registry", &far.host)] {
        wanted.repository = repository(host, "ops/billing");
        for turn in ["pushed", "there already"] {
            let begun = Instant::now();
            let appended = all.append(wanted.clone()).await.unwrap();
            println!("{what}, {turn}: {:?}, {} bytes sent", begun.elapsed(), appended.bytes_pushed);
        }
    }
    let mut next = wanted.clone();
    let layer = pack(&definition(101), "9b1e0c4-0badcafe").unwrap();
    (next.layer_digest, next.layer_size) = (layer.digest.clone(), layer.size());
    next.layer = LayerContent::Bytes(layer.bytes.into());
    let begun = Instant::now();
    let appended = all.append(next.clone()).await.unwrap();
    println!("other registry, base there: {:?}, {} bytes sent", begun.elapsed(), appended.bytes_pushed);
}
