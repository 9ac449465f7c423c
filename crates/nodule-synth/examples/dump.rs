//! tmp
use nodule_synth::*;
fn main(){
    let a:Vec<String>=std::env::args().collect();
    let (sa,ta,out)=(a[1].parse().unwrap(),a[2].parse().unwrap(),&a[3]);
    let g=Generator::new(GeneratorSettings{shape_amplitude:sa,texture_amplitude:ta,..Default::default()},Outlines::embedded()).unwrap();
    for name in ["shape","texture"]{ for s in 0..3u64{
        let d=generate(&g,&Distribution::named(name).unwrap(),100+s,2048).unwrap(); export_npz(&d,std::path::Path::new(&format!("{out}/{name}-{s}-train"))).unwrap();
        let d=generate(&g,&Distribution::named(name).unwrap(),200+s,1000).unwrap(); export_npz(&d,std::path::Path::new(&format!("{out}/{name}-{s}-test"))).unwrap();
    }}
}
